-- What somebody did themselves at one partner, where they may not see what others did: without it all that they did
-- anywhere is walked through until a page is full. A reviewer's page of one partner read 12,400 events of a month.
CREATE INDEX activity_actor_partner_idx ON activity (actor_id, partner_id, at DESC, id DESC);
-- Products by price, as the list says it: without it every product of the program is sorted.
CREATE INDEX products_price_idx ON products
  (program_id, ((currency || ' ' || lpad((coalesce(price, -1) + 1)::text, 14, '0')) COLLATE "C"), id);
