// The rules for a copy of which no profile is known: what no de-identified object may hold, whoever
// made it (PS3.15 E.1.1), and what stands before its data set (PS3.10 7.1).
#pragma once

#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// Groups, private text, values that nobody has read, and the declarations of PS3.15 E.1.1.
std::vector<Problem> check_foreign(const std::vector<Seen>& attributes);
/// "verify.uid-not-replaced" for every attribute that still holds a UID of the source.
using OldUids = std::set<std::string, std::less<>>;
std::vector<Problem> check_uids(const std::vector<Seen>& attributes, const OldUids& old_uids);

/// The file meta information as attributes; they point into `head`. What cannot be read ends them.
struct FileMeta {
  std::vector<Seen> attributes;
  std::vector<std::string> paths;  ///< what the attributes' paths point into
};
FileMeta read_file_meta(ByteView head);
/// A preamble that is not empty, and file meta information that was copied (PS3.15 E.1.1).
std::vector<Problem> check_file_head(ByteView head, const FileMeta& meta);

}  // namespace veilroute::profiles
