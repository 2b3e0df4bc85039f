DROP VIEW people_of_partners;
DROP VIEW invited_people;
DROP VIEW member_people;
