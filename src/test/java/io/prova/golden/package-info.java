/// A repository that an earlier version of Prova wrote, which every later one must read.
@org.jspecify.annotations.NullMarked
package io.prova.golden;
