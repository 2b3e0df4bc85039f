DROP TABLE integration_credentials;
DROP TABLE integration_images;
