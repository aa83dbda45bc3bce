// The runtime has the one definition: a trained model suggests names of columns where no compiler is.
export { editDistance, suggest } from '../runtime/suggest.ts';
