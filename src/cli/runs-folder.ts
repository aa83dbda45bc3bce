// The folder of all runs, in the working directory.
export const runsFolder = 'runs';
