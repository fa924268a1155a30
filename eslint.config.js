// What a typing slip would break in the browser: names that nothing defines, and names that nothing uses.

import globals from "globals";

const rules = {
  "no-undef": "error",
  "no-unused-vars": ["error", { args: "after-used", caughtErrors: "all" }],
  "no-redeclare": "error",
  "no-dupe-keys": "error",
  "no-unreachable": "error",
  "no-const-assign": "error",
  "no-this-before-super": "error",
  "constructor-super": "error",
  "prefer-const": ["error", { destructuring: "all" }],
  eqeqeq: ["error", "always", { null: "ignore" }],
};
const modules = { ecmaVersion: 2024, sourceType: "module" };

export default [
  { ignores: ["**/*", "!viz", "!viz/browser", "!viz/browser/*.js", "!tests", "!tests/scripts", "!tests/scripts/*.js", "!*.js"] },
  { files: ["viz/browser/*.js"], languageOptions: { ...modules, globals: globals.browser }, rules },
  { files: ["tests/scripts/*.js", "*.js"], languageOptions: { ...modules, globals: globals.nodeBuiltin }, rules },
];
