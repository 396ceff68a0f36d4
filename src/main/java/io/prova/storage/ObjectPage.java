package io.prova.storage;

import java.util.List;

/// A part of a listing.
///
/// @param objects in the order of their keys
/// @param complete whether nothing comes after these
public record ObjectPage(List<ObjectStat> objects, boolean complete) {

  public ObjectPage {
    objects = List.copyOf(objects);
  }
}
