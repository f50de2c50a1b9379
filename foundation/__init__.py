"""What two packages need and what can be explained without order, product, payment or course."""
