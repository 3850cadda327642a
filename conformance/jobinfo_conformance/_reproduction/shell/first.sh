
# first N ID: the first N characters of an id.
first() {
    printf "%.$1s" "$2"
}
