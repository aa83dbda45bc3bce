import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'dist.*', 'coverage', 'test/fixtures', '**/build', 'bench/**/node_modules'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name="skipIf"]:not(:has(Identifier[name=/^lack/]))',
          message: 'Skip through `lacks` of test/support/facilities.ts, so that NNC_REQUIRE can forbid it.',
        },
        {
          selector:
            'CallExpression[callee.object.name=/^(describe|it|test)$/][callee.property.name=/^(runIf|skip|todo|only)$/]',
          message: 'Tests run, or are skipped by `skipIf(lacks(…))`.',
        },
      ],
    },
  },
);
