insert into products (sku, name, price, available) values
  ('espresso', 'Espresso beans, 1 kg', 1990, 10000000),
  ('filter', 'Filter papers, 100', 349, 10000000),
  ('grinder', 'Hand grinder', 8900, 10000000),
  ('poster', 'Signed poster, the last three', 2500, 3)
on conflict do nothing;
