-- The demo's database: a small company's data, with one of most things that a dump or a copy can lose.
CREATE SCHEMA cadastro;
CREATE SCHEMA vendas;
CREATE SCHEMA "Relatórios";

CREATE TYPE vendas.situacao AS ENUM ('aberto', 'pago', 'enviado', 'devolvido');
CREATE DOMAIN cadastro.email AS text CHECK (VALUE ~ '^[^@\s]+@[^@\s]+$');

CREATE TABLE cadastro.clientes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  nome        text NOT NULL,
  email       cadastro.email UNIQUE,
  telefones   text[] NOT NULL DEFAULT '{}',
  preferencias jsonb NOT NULL DEFAULT '{}',
  foto        bytea,
  criado_em   timestamptz NOT NULL
);
CREATE TABLE cadastro.produtos (
  id        integer PRIMARY KEY,
  descricao text NOT NULL,
  preco     numeric(12, 2) NOT NULL CHECK (preco >= 0),
  validade  daterange,
  peso      double precision
);
CREATE SEQUENCE vendas.numero_nota START 1000 INCREMENT 5;
CREATE TABLE vendas.pedidos (
  id         bigint PRIMARY KEY,
  cliente_id bigint NOT NULL REFERENCES cadastro.clientes,
  nota       bigint NOT NULL DEFAULT nextval('vendas.numero_nota'),
  situacao   vendas.situacao NOT NULL DEFAULT 'aberto',
  em         timestamptz NOT NULL,
  prazo      interval
);
CREATE TABLE vendas.itens (
  pedido_id  bigint NOT NULL REFERENCES vendas.pedidos,
  produto_id integer NOT NULL REFERENCES cadastro.produtos,
  quantidade integer NOT NULL CHECK (quantidade > 0),
  total      numeric(14, 2) NOT NULL,
  PRIMARY KEY (pedido_id, produto_id)
);
CREATE TABLE vendas.eventos (
  em      timestamp NOT NULL,
  tipo    text NOT NULL,
  detalhe jsonb
) PARTITION BY RANGE (em);
CREATE TABLE vendas.eventos_2025 PARTITION OF vendas.eventos FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE vendas.eventos_2026 PARTITION OF vendas.eventos FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE vendas."Log; antigo" (quando date, "o que" text) TABLESPACE arquivo;

INSERT INTO cadastro.clientes (nome, email, telefones, preferencias, foto, criado_em)
SELECT 'Cliente nº ' || i, 'cliente' || i || '@exemplo.com.br', ARRAY['+55 11 9' || lpad(i::text, 8, '0')],
       jsonb_build_object('cor', (ARRAY['azul', 'verde', 'amarelo'])[1 + i % 3], 'boletim', i % 2 = 0),
       CASE WHEN i % 10 = 0 THEN decode(repeat(md5(i::text), 8), 'hex') END,
       '2020-01-01 00:00-03'::timestamptz + i * interval '7 hours'
FROM generate_series(1, 20000) i;
INSERT INTO cadastro.produtos
SELECT i, 'Produto "' || i || '"', (i * 1.37)::numeric(12, 2), daterange('2026-01-01'::date + i, '2027-01-01'::date + i), i / 3.0
FROM generate_series(1, 1000) i;
INSERT INTO vendas.pedidos (id, cliente_id, situacao, em, prazo)
SELECT i, 1 + i % 20000, (enum_range(NULL::vendas.situacao))[1 + i % 4], '2025-06-01'::timestamptz + i * interval '3 minutes', i % 30 * interval '1 day'
FROM generate_series(1, 60000) i;
INSERT INTO vendas.itens
SELECT p, 1 + (p * 7 + n * 13) % 1000, 1 + p % 5, ((1 + p % 5) * 1.37 * n)::numeric(14, 2)
FROM generate_series(1, 60000) p, generate_series(1, 2) n;
INSERT INTO vendas.eventos
SELECT '2025-01-01'::timestamp + i * interval '20 minutes', 'visita', jsonb_build_object('pagina', i % 50)
FROM generate_series(1, 40000) i;
INSERT INTO vendas."Log; antigo" SELECT '2019-01-01'::date + i, 'linha ' || i || E'\tcom tabulação\ne quebra' FROM generate_series(1, 5000) i;

CREATE INDEX ON vendas.pedidos (cliente_id);
CREATE INDEX ON cadastro.clientes USING gin (preferencias);

CREATE FUNCTION vendas.total_do_cliente(bigint) RETURNS numeric LANGUAGE sql STABLE AS
  'SELECT coalesce(sum(i.total), 0) FROM vendas.pedidos p JOIN vendas.itens i ON i.pedido_id = p.id WHERE p.cliente_id = $1';
CREATE FUNCTION vendas.carimbar() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.em := coalesce(NEW.em, now()); RETURN NEW; END $$;
CREATE TRIGGER carimbo BEFORE INSERT ON vendas.pedidos FOR EACH ROW EXECUTE FUNCTION vendas.carimbar();
CREATE VIEW "Relatórios"."Vendas por mês" AS
  SELECT date_trunc('month', p.em) AS mes, sum(i.total) AS total
  FROM vendas.pedidos p JOIN vendas.itens i ON i.pedido_id = p.id GROUP BY 1;
CREATE MATERIALIZED VIEW "Relatórios".resumo AS
  SELECT situacao, count(*) AS quantos FROM vendas.pedidos GROUP BY situacao;
COMMENT ON TABLE vendas.pedidos IS 'Pedidos; nunca apagar';

SELECT lo_from_bytea(0, decode(repeat('50726f7661', 20000), 'hex'));

GRANT USAGE ON SCHEMA vendas, cadastro TO vendedor;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA vendas TO vendedor;
GRANT SELECT ON "Relatórios"."Vendas por mês" TO auditora;
ALTER TABLE cadastro.produtos OWNER TO vendedor;
ALTER DEFAULT PRIVILEGES IN SCHEMA vendas GRANT SELECT ON TABLES TO auditora;
ANALYZE;
