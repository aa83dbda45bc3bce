// Where runs are kept, from the working directory.
export const runsFolder = 'runs';
