// Imported before anything else: graphql-js and others decide when they are loaded whether to check for
// mistakes of developers at every step, which costs a tenth of a page.
process.env["NODE_ENV"] ??= "production";
