import { z } from "zod";

/** The rows of a query, each of the shape given; anything else is an error. */
export async function rows<Shape extends z.ZodType>(
  shape: Shape,
  query: PromiseLike<readonly unknown[]>,
): Promise<z.infer<Shape>[]> {
  return z.array(shape).parse([...await query]);
}
