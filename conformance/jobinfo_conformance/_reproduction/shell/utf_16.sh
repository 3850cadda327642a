
# utf_16_le ID and utf_16_be ID: an id in UTF-16, without a byte order mark.
utf_16_le() {
    # shellcheck disable=SC2046 # a word for each character
    printf '%s\000' $(printf '%s' "$1" | sed 's/./& /g')
}

utf_16_be() {
    # shellcheck disable=SC2046 # a word for each character
    printf '\000%s' $(printf '%s' "$1" | sed 's/./& /g')
}
