package io.prova.base;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The English texts that the sources give to [Message], as the compiler's parser sees them:
/// literals, text blocks, their concatenations, both branches of a choice, and constants of the
/// same file.
final class EnglishTexts {

  private static final Path SOURCES = Path.of("src/main/java/io/prova");

  /// A text and the file it stands in, relative to the sources.
  record Found(String text, String file) {}

  /// A first argument that is no constant, so that nobody can look for its translation.
  record Unknown(String expression, String file, long line) {}

  private final List<Found> found = new ArrayList<>();
  private final List<Unknown> unknown = new ArrayList<>();

  private EnglishTexts() {}

  static EnglishTexts ofSources() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files = all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
    EnglishTexts texts = new EnglishTexts();
    DiagnosticCollector<JavaFileObject> mistakes = new DiagnosticCollector<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(mistakes, Locale.ROOT, StandardCharsets.UTF_8)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, mistakes, null, null, manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        Path source = Path.of(unit.getSourceFile().toUri());
        String file = SOURCES.toAbsolutePath().relativize(source).toString();
        unit.accept(texts.new Calls(unit, file, positions), null);
      }
    }
    if (!mistakes.getDiagnostics().isEmpty()) {
      throw new IllegalStateException("cannot read the sources: " + mistakes.getDiagnostics());
    }
    return texts;
  }

  /// In the order of files and lines; a text that is said twice stands here twice.
  List<Found> found() {
    return found;
  }

  List<Unknown> unknown() {
    return unknown;
  }

  /// `static final` strings by name; names that two classes of one file give to different texts are
  /// not told apart, and there are none.
  private static final class Constants extends TreeScanner<Void, Map<String, ExpressionTree>> {
    @Override
    public Void visitVariable(VariableTree variable, Map<String, ExpressionTree> constants) {
      if (variable.getInitializer() != null
          && variable.getModifiers().getFlags().contains(Modifier.STATIC)
          && variable.getModifiers().getFlags().contains(Modifier.FINAL)) {
        constants.put(variable.getName().toString(), variable.getInitializer());
      }
      return super.visitVariable(variable, constants);
    }
  }

  private final class Calls extends TreeScanner<Void, Void> {

    private final CompilationUnitTree unit;
    private final String file;
    private final SourcePositions positions;
    private final Map<String, ExpressionTree> constants = new HashMap<>();
    private final boolean imported;

    Calls(CompilationUnitTree unit, String file, SourcePositions positions) {
      this.unit = unit;
      this.file = file;
      this.positions = positions;
      unit.accept(new Constants(), constants);
      this.imported =
          unit.getImports().stream()
              .anyMatch(each ->
                  each.isStatic()
                      && each.getQualifiedIdentifier()
                          .toString()
                          .equals("io.prova.base.Message.message"));
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Void none) {
      if (!call.getArguments().isEmpty() && isMessage(call.getMethodSelect())) {
        argument(call.getArguments().getFirst());
      }
      return super.visitMethodInvocation(call, null);
    }

    @Override
    public Void visitNewClass(NewClassTree creation, Void none) {
      if (creation.getIdentifier().toString().equals("Message")) {
        argument(creation.getArguments().getFirst());
      }
      return super.visitNewClass(creation, null);
    }

    private boolean isMessage(ExpressionTree method) {
      return switch (method) {
        case IdentifierTree name -> imported && name.getName().contentEquals("message");
        case MemberSelectTree select ->
            select.getIdentifier().contentEquals("message")
                && select.getExpression().toString().endsWith("Message");
        default -> false;
      };
    }

    private void argument(ExpressionTree expression) {
      List<String> texts = new ArrayList<>();
      if (values(expression, texts)) {
        texts.forEach(text -> found.add(new Found(text, file)));
      } else {
        long at = positions.getStartPosition(unit, expression);
        unknown.add(new Unknown(expression.toString(), file, unit.getLineMap().getLineNumber(at)));
      }
    }

    /// @return whether all that `expression` can be is known
    private boolean values(ExpressionTree expression, List<String> texts) {
      return switch (expression) {
        case LiteralTree literal when literal.getValue() instanceof String text -> texts.add(text);
        case ParenthesizedTree inner -> values(inner.getExpression(), texts);
        case ConditionalExpressionTree choice ->
            values(choice.getTrueExpression(), texts) && values(choice.getFalseExpression(), texts);
        case BinaryTree sum when sum.getKind() == Tree.Kind.PLUS -> {
          List<String> left = new ArrayList<>();
          List<String> right = new ArrayList<>();
          boolean known =
              values(sum.getLeftOperand(), left) && values(sum.getRightOperand(), right);
          left.forEach(a -> right.forEach(b -> texts.add(a + b)));
          yield known;
        }
        case IdentifierTree name when constants.containsKey(name.getName().toString()) ->
            values(constants.get(name.getName().toString()), texts);
        default -> false;
      };
    }
  }
}
