"""What logits take, for who makes them and who estimates them."""

# in half precision, their copy in full precision, and its gradient
LOGIT_BYTES = 2 + 4 + 4
# of those that are there at a time
MOST_LOGIT_BYTES = 256 << 20
