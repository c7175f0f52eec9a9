// Source studies: the files that `deidentify` was given, read once and put together by study, with
// the contradictions that hold objects back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/object_file.h"
#include "app/paths.h"
#include "core/store/catalog.h"

namespace veilroute::app {

/// What became of one file. Exactly one of written, held and left out.
struct FileOutcome {
  enum class Kind : std::uint8_t { written, held, left_out };
  Kind kind = Kind::held;
  std::filesystem::path source;
  std::filesystem::path output;          ///< of a written one
  std::vector<store::Finding> findings;  ///< of the others: why
};
using TellOutcome = std::function<void(const FileOutcome&)>;
/// How far it is: done, of how many.
using TellProgress = std::function<void(std::size_t, std::size_t)>;

FileOutcome held(const FoundFile& file, std::string rule, std::string advice);
FileOutcome held(const FoundFile& file, const Error& error);

struct SourceObject {
  FoundFile file;
  ObjectFile object;
};

/// The objects of one study that may be copied; at least one.
struct SourceStudy {
  store::PseudonymSubject subject;
  std::vector<SourceObject> objects;
};

struct GatherSettings {
  std::string default_issuer;  ///< where an object names none
};

/// Scans every file. Told at once: what is no object, is damaged, or contradicts another one (a
/// study with two patients; an instance in two studies, in two classes, or in two versions: nobody
/// can know which is right); DICOMDIR files inside folders and second copies are left out. The
/// studies come in the order of their first file.
std::vector<SourceStudy> gather_studies(const std::vector<FoundFile>& files,
                                        const GatherSettings& settings, const TellOutcome& tell,
                                        const TellProgress& progress);

}  // namespace veilroute::app
