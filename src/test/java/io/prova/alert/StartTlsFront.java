package io.prova.alert;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// STARTTLS before a mail server that has none: speaks SMTP up to the upgrade, then passes on what
/// it deciphers.
final class StartTlsFront implements AutoCloseable {

  private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final int behind;
  private final SSLContext tls;

  StartTlsFront(int behind, SSLContext tls) throws IOException {
    this.behind = behind;
    this.tls = tls;
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept();
          Socket server = new Socket(InetAddress.getLoopbackAddress(), behind)) {
        upgrade(client.getInputStream(), client.getOutputStream());
        SSLSocket secure =
            (SSLSocket) tls.getSocketFactory().createSocket(client, null, client.getPort(), true);
        secure.setUseClientMode(false);
        secure.startHandshake();
        readLine(server.getInputStream()); // its greeting: the client has had one
        Thread up = Thread.ofVirtual().start(() -> copy(secure, server));
        server.getInputStream().transferTo(secure.getOutputStream());
        up.interrupt();
      } catch (IOException e) {
        // a client that refuses us, or the end of the test
      }
    }
  }

  private static void upgrade(InputStream in, OutputStream out) throws IOException {
    say(out, "220 front");
    readLine(in);
    say(out, "250-front");
    say(out, "250 STARTTLS");
    readLine(in);
    say(out, "220 go ahead");
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // the conversation is over
    }
  }

  /// Byte by byte: what follows the line belongs to TLS.
  private static void readLine(InputStream in) throws IOException {
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the conversation ended early");
      }
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
