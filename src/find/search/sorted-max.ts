/** Up to this many rows are found first and then sorted; with more, the order's own index leads to a page sooner. */
export const sortedMax = 5000;
