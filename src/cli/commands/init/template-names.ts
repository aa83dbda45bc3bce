// The templates, apart from what they write: the command's options are read at every start.
export const templateNames = ['digits', 'table', 'images'] as const;
export type TemplateName = (typeof templateNames)[number];
