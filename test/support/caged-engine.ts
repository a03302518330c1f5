// Given to a program with `--import`: it takes itself for one whose threads share the 4 GB of compressed pointers, as Electron's do.
const variables = {
  ...process.config.variables,
  v8_enable_pointer_compression: 1,
  v8_enable_pointer_compression_shared_cage: 1,
};

Object.defineProperty(process, 'config', { value: { ...process.config, variables } });
