// phantom: writes synthetic objects to try a site with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/dicom/phantom.h"

namespace veilroute::app {

struct PhantomsWanted {
  dicom::PhantomKind kind = dicom::PhantomKind::dx;
  unsigned studies = 1;  ///< one patient each
  unsigned count = 1;    ///< objects a study
  unsigned first = 1;    ///< number of the first patient
  unsigned rows = 0;     ///< 0: what is usual for the kind
  unsigned columns = 0;
  std::string seed;  ///< same wish, same bytes
  std::string transfer_syntax = std::string(dicom::kExplicitLittleEndian);
  bool canary = false;  ///< a marker in every attribute that Table E.1-1 lists
  std::filesystem::path out;
};

struct WrittenPhantom {
  std::filesystem::path file;
  std::vector<std::string> markers;  ///< of a canary phantom
};

/// "OUT/dx-0001-0001.dcm": kind, patient, object. Files that are there already are not replaced:
/// `refused` ("file.exists").
Result<std::vector<WrittenPhantom>> write_phantoms(const PhantomsWanted& wanted);

/// The attributes of PS3.15 Table E.1-1, but for those whose presence alone holds an object back
/// (reports and encapsulated documents).
std::vector<dicom::Tag> canary_tags();

}  // namespace veilroute::app
