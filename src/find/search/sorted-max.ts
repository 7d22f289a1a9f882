/** So many rows are found first and sorted; with more, an order's own index leads to a page sooner. */
export const sortedMax = 5000;
