"""What is answered over HTTP: documents and assets, and who may ask for them."""
