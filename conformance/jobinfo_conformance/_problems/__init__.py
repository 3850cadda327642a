"""Problems: which of the requirements that do not hold are causes, and which follow from them."""
