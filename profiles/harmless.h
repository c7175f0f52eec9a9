// Findings that a person of the site has looked at and named harmless.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/charset.h"

namespace veilroute::profiles {

/// True when the site has named exactly this value harmless at exactly this attribute: `path` without
/// item numbers ("(0018,A001).(0008,0070)"), `value` the whole comparable value (PHI until it is found
/// to be none: a catalog keeps it as a keyed digest). Asked only for what would else be
/// `verify.identity-found`; it excuses that finding there and nothing else. Asked on the thread of
/// Verifier::check.
using HarmlessValue = std::function<bool(std::string_view path, std::string_view value)>;

/// "(0018,A001)[2].(0008,0070)" → "(0018,A001).(0008,0070)".
std::string path_without_items(std::string_view path);

/// The whole value as HarmlessValue sees it: decoded, without padding, comparable (core/base/unicode.h).
/// What is no text, or does not decode, has none and cannot be named: nullopt.
std::optional<std::string> value_to_compare(ByteView value, dicom::Vr vr,
                                            const dicom::CharacterSet& set);

}  // namespace veilroute::profiles
