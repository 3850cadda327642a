
# read_until_finished PATH [HEADER...]: reads a batch until it is neither Queued nor InProgress, for JOBINFO_WAIT seconds.
read_until_finished() {
    left=${JOBINFO_WAIT:-20}
    while send GET "$@"; do
        case $(field state) in Queued | InProgress) [ "$left" -gt 0 ] || return 0 ;; *) return 0 ;; esac
        left=$((left - 1))
        sleep 1
    done
}
