
printf '%s\n\n' "$title"
number=0
while [ "$number" -lt "$times" ]; do
    replay
    number=$((number + 1))
done
printf 'expected  %s\n' "$expected"
printf 'got       %s, in the run that this script comes from\n' "$got"
printf 'where     %s\n\n' "$where"
