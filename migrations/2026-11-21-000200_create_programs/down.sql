DROP TABLE partner_types;
DROP TABLE programs;
