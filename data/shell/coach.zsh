# Coach's hook for zsh: tells a running tracker which program ran where and for how long. Never an argument.
#
# After a command of a second or more one line goes to a named pipe that the tracker reads. That costs no process and
# never waits: without a tracker there is no pipe, and one that is full or that nobody reads refuses at once.

if [[ -o interactive ]] && (( ! ${+__coach_loaded} )) &&
        zmodload -F zsh/datetime p:EPOCHREALTIME 2>/dev/null && zmodload -F zsh/system b:sysopen b:syswrite 2>/dev/null; then
    typeset -g __coach_loaded=1 __coach_command= __coach_program=
    typeset -gi __coach_began=0

    # Sets __coach_program to the program that a command line, split into the shell's words, starts.
    __coach_name() {
        emulate -L zsh
        local word skips=
        __coach_program=
        for word in "$@"; do
            case $word in
                (*[\"\'\$\`\\\;\<\>\|\&\*]*)
                    [[ $word == [A-Za-z_]#*=* || $word == -*=* ]] && continue  # one word, quotes and all
                    return ;;
                (*=*|'!'|'{'|'('|--|[0-9]*) skips= ;;
                (-[ugpCDRThnocksrt]) skips=1 ;;
                (-*) skips= ;;
                (sudo|doas|env|nice|nohup|time|command|builtin|exec|noglob|nocorrect|ionice|stdbuf|timeout|setsid|chrt)
                    __coach_program=$word ;;
                (*)
                    if [[ -n $skips ]]; then skips=; continue; fi
                    __coach_program=${word:t}
                    return ;;
            esac
        done
    }

    __coach_preexec() {
        # The third form has its aliases expanded.
        __coach_command=${3[1,400]}
        __coach_began=$((EPOCHREALTIME * 1000))
    }

    __coach_precmd() {
        emulate -L zsh
        (( __coach_began )) || return 0
        local -i lasted=$((EPOCHREALTIME * 1000 - __coach_began)) fd=0
        local file=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}/coach-$UID}/coach/shell
        __coach_began=0
        if (( lasted >= 1000 )) && [[ -p $file && -O $file ]]; then
            __coach_name ${(z)__coach_command}
            if sysopen -w -o nonblock,cloexec -u fd -- $file 2>/dev/null; then
                local line=$'1\t'$$$'\t'$lasted$'\t'${__coach_program:-zsh}$'\t'${${PWD//[$'\n\t']/?}[1,900]}$'\n'
                syswrite -o $fd -- $line 2>/dev/null
                exec {fd}>&-
            fi
        fi
        __coach_command=
        return 0
    }

    typeset -ga preexec_functions precmd_functions
    preexec_functions+=(__coach_preexec)
    precmd_functions=(__coach_precmd $precmd_functions)
fi
