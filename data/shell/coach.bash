# Coach's hook for bash: tells a running tracker which program ran where and for how long. Never an argument.
#
# After a command of a second or more one line goes to a named pipe that the tracker reads. That costs no process and
# never waits: without a tracker there is no pipe, and a pipe that nobody empties gets nothing more.

# Sets __coach_program to the program that a command line starts; empty where quotes make that a guess.
__coach_name() {
    local rest=${1:0:400} word skips=
    __coach_program=
    while [[ -n $rest ]]; do
        rest=${rest#"${rest%%[![:space:]]*}"}
        word=${rest%%[[:space:]]*}
        rest=${rest#"$word"}
        case $word in
            *[\"\'\$\`\\\;\<\>\|\&\*]*) return ;;
            *=* | '!' | '{' | '(' | -- | [0-9]*) skips= ;;
            -[ugpCDRThnocksrt]) skips=1 ;;
            -*) skips= ;;
            sudo | doas | env | nice | nohup | time | command | builtin | exec | ionice | stdbuf | timeout | setsid | chrt)
                # What runs another program is named itself only when nothing follows.
                __coach_program=$word ;;
            *)
                if [[ -n $skips ]]; then skips=; continue; fi
                __coach_program=${word##*/}
                return ;;
        esac
    done
}

__coach_now() {
    if [[ -n ${EPOCHREALTIME-} ]]; then __coach_ms=${EPOCHREALTIME//[!0-9]/}; __coach_ms=${__coach_ms:0:${#__coach_ms}-3}
    else __coach_ms=$((SECONDS * 1000)); fi  # bash before 5.0
}

__coach_preexec() {
    [[ -n $__coach_ready && -z ${COMP_LINE-} ]] || return 0
    case $BASH_COMMAND in __coach_*) return 0 ;; esac
    __coach_ready= __coach_command=$BASH_COMMAND
    __coach_now
    __coach_began=$__coach_ms
}

__coach_precmd() {
    local status=$?
    [[ -n ${__coach_installed-} || -z ${__coach_trap+set} ]] || __coach_install
    if [[ -n $__coach_began ]]; then
        __coach_now
        local lasted=$((__coach_ms - __coach_began)) pipe=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}/coach-$UID}/coach/shell
        __coach_began=
        if ((lasted >= 1000)) && [[ -p $pipe && -O $pipe ]]; then
            __coach_name "$__coach_command"
            local folder=${PWD//[$'\n\t']/?}
            # A line that nobody has read yet means a tracker that is stopped: the pipe could fill up and block.
            { read -t 0 || printf '1\t%s\t%s\t%s\t%s\n' "$$" "$lasted" "${__coach_program:-bash}" "${folder:0:900}"
            } <>"$pipe" >&0 2>/dev/null
        fi
        __coach_command=
    fi
    return $status
}

# A trap that is there already runs too, after this one; "$_" keeps its meaning for the command.
__coach_install() {
    local -a words
    eval "words=($__coach_trap)"
    trap "__coach_preexec \"\$_\"${words[2]:+; ${words[2]}}" DEBUG
    __coach_installed=1
}

__coach_at_prompt() { local status=$?; __coach_ready=1; return $status; }

if [[ $- == *i* && -z ${__coach_loaded-} ]]; then
    __coach_loaded=1 __coach_ready= __coach_began= __coach_command=
    if [[ -n ${bash_preexec_imported:-${__bp_imported:-}} ]]; then
        __coach_bp_preexec() { __coach_ready=1; BASH_COMMAND=$1 __coach_preexec; }
        preexec_functions+=(__coach_bp_preexec)
        precmd_functions+=(__coach_precmd)
    else
        # A trap of somebody else is visible from the prompt's commands only, so that is where it is asked for, once.
        __coach_first='__coach_precmd "${__coach_trap=$(trap -p DEBUG)}"'
        if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
            PROMPT_COMMAND=("$__coach_first" "${PROMPT_COMMAND[@]}" __coach_at_prompt)
        else
            PROMPT_COMMAND="$__coach_first${PROMPT_COMMAND:+; $PROMPT_COMMAND}; __coach_at_prompt"
        fi
    fi
fi
