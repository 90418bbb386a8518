create table if not exists products (
  sku varchar(40) primary key,
  name varchar(200) not null,
  price bigint not null check (price > 0),
  available int not null check (available >= 0)
);

create table if not exists orders (
  id uuid primary key,
  sku varchar(40) not null references products (sku),
  quantity int not null check (quantity > 0),
  amount bigint not null check (amount > 0),
  state varchar(20) not null,
  reason varchar(500),
  placed_at timestamp with time zone not null
);

create index if not exists orders_by_state on orders (state, placed_at);

create table if not exists audit (
  id bigint generated always as identity primary key,
  at timestamp with time zone not null,
  supervisor varchar(200) not null,
  detail varchar(1000) not null
);

create index if not exists audit_by_time on audit (at);

create table if not exists outbox (
  id bigint generated always as identity primary key,
  order_id uuid not null unique references orders (id),
  sku varchar(40) not null,
  quantity int not null,
  sent_at timestamp with time zone,
  -- The warehouse's number, once it is known to have shipped.
  shipment bigint
);

create index if not exists outbox_unsent on outbox (sent_at, id);
