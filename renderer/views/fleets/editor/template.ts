/** What a new fleet begins with: runs as it is, says what each line is for. */
export const NEW_FLEET = `flotilla: 1                  # version of the file format
name: my-fleet
description: Says in a sentence what this fleet is for.

workspace: .                 # the folder the tools may read, relative to this file
model: sim/default           # the simulator: no key, no network; name a model of yours when you are ready

tools: [list_files, read_file]   # what the agents may call

agents:
  - name: reader
    count: 3                 # or \`each:\` for one agent per file, line or row
    prompt: |
      List the files and say what this folder is about.

limits:
  concurrentAgents: 4        # how many work at the same time
  turns: 6                   # requests one agent may send to the model
  toolCalls: 12
  minutes: 2
`;
