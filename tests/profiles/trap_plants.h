// What a row of traps.tsv does to an object: its small language, and the things no writer would
// write.
//
//   TAG[.TAG...] VR VALUE   puts a value; tags in front name sequences, one item each
//   layout WORD             explicit | implicit | big | deflated | a transfer syntax UID
//   class UID               another SOP class         without TAG   removes an attribute
//   untrusted               no document trusts the pixels
//   odd PLACE = TEXT        a place of planter.h      raw NAME      bytes, see trap_plants.cc
//
// Several are parted by " ; ". In values \xNN is a byte and \\ a backslash.
#pragma once

#include <string>

#include "core/dicom/dataset.h"

namespace veilroute::profiles::proof {

struct Trap {
  Bytes bytes;  ///< a data set as it would be received
  dicom::TransferSyntax syntax;
  bool trusted = true;
};

Trap plant_trap(const std::string& doing);
/// A value or needle as traps.tsv writes it.
std::string unescaped(std::string_view text);

}  // namespace veilroute::profiles::proof
