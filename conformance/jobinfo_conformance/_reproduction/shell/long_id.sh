
# long_id ID: an id of 15 characters with the three of its checksum; each stands for five characters, read from the right as
# binary digits, 1 for a capital letter.
long_id() {
    printf '%s' "$1"
    [ ${#1} -eq 15 ] || return 0
    capitals=$(printf '%s' "$1" | LC_ALL=C sed 's/[0-9a-z]/0/g; s/[A-Z]/1/g; s/...../& /g')
    for five in $capitals; do
        place=1 value=1
        for digit in $(printf '%s' "$five" | sed 's/./& /g'); do
            place=$((place + digit * value)) value=$((value * 2))
        done
        printf '%s' ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 | cut -c "$place" | tr -d '\n'
    done
}
