DROP TABLE review_snoozes;
DROP TABLE review_readers;
DROP TABLE review_marks;
