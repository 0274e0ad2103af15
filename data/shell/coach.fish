# Coach's hook for fish: tells a running tracker which program ran where and for how long. Never an argument.
#
# After a command of a second or more one line goes to a named pipe that the tracker reads. fish cannot open a pipe
# without waiting for its reader, so a small sh does, behind the prompt's back; its arguments hold nothing but the path.

if status is-interactive; and not functions -q __coach_postexec
    # The program that a command line starts; nothing where quotes make that a guess.
    function __coach_name
        set -l skips
        set -l named
        for word in (string split -n ' ' -- (string replace -ra '\s+' ' ' -- (string sub -l 400 -- $argv[1])))
            switch $word
                case '*"*' "*'*" '*$*' '*`*' '*\\\\*' '*;*' '*<*' '*>*' '*|*' '*&*' '*\**' '*(*'
                    break
                case '*=*' '!' '--' '0*' '1*' '2*' '3*' '4*' '5*' '6*' '7*' '8*' '9*' begin and or not
                    set skips
                case -u -g -p -C -D -R -T -h -n -o -c -k -s -r -t
                    set skips 1
                case '-*'
                    set skips
                case sudo doas env nice nohup time command builtin exec ionice stdbuf timeout setsid chrt
                    set named $word
                case '*'
                    if set -q skips[1]
                        set skips
                        continue
                    end
                    set named (string replace -r '.*/' '' -- $word)
                    # An alias is a function that says so.
                    if functions -q -- $named; and not set -q argv[2]
                        set -l told (functions -Dv -- $named)[5]
                        if set -l inner (string replace -rf "^alias "(string escape --style=regex -- $named)"[= ]" '' -- $told)
                            __coach_name $inner again
                            return
                        end
                    end
                    break
            end
        end
        set -q named[1]; and echo -- $named
    end

    function __coach_postexec --on-event fish_postexec
        set -l before $status
        set -l lasted $CMD_DURATION
        set -q lasted[1]; and test $lasted -ge 1000; or return $before
        set -l folder $XDG_RUNTIME_DIR
        if test -z "$folder"
            set -q TMPDIR; and set folder $TMPDIR; or set folder /tmp
            set folder $folder/coach-(id -u)
        end
        set -l file $folder/coach/shell
        test -p $file -a -O $file; or return $before
        set -l program (__coach_name $argv[1])
        set -q program[1]; or set program fish
        set -l here (string sub -l 900 -- (string replace -ra '[\n\t]' '?' -- $PWD | string collect))
        printf '1\t%s\t%s\t%s\t%s\n' $fish_pid $lasted $program $here |
            command sh -c 'IFS= read -r line && printf "%s\n" "$line" 1<>"$1"' coach $file 2>/dev/null &
        disown 2>/dev/null
        return $before
    end
end
