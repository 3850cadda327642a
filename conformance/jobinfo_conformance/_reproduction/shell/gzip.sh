
command -v gzip >/dev/null || fail "gzip is missing: install it"

# Compresses the body of the next request.
compress() {
    gzip -c "$work/body" >"$work/compressed"
    mv "$work/compressed" "$work/body"
}
