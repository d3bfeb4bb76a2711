#compdef psn
# psn for zsh. In ~/.zshrc, after compinit: source <(psn completion zsh)
_psn() {
  local -a lines offers helps
  local line
  lines=("${(@f)$(command psn completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  for line in "${(@)lines[2,-1]}"; do
    offers+=("${line%% *}")
    helps+=("${line%% *}  ${line#* }")
  done
  case $lines[1] in
    files) _files ;;
    folders) _files -/ ;;
  esac
  (( $#offers )) && compadd -V psn -l -d helps -a offers
}
if [ "$funcstack[1]" = "_psn" ]; then
  _psn "$@"
elif (( $+functions[compdef] )); then
  compdef _psn psn
fi
