// The one way in which a profile is written down.
#include "profiles/canonical.h"

#include "core/base/crypto.h"
#include "profiles/iod_types.h"
#include "profiles/safe_private.h"
#include "profiles/standard_table.h"
#include "profiles/words.h"

namespace veilroute::profiles {
namespace {

/// A quoted TOML string; control characters never get this far (toml.cc refuses them unescaped).
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
  }
  return out + "\"";
}

template <typename List>
std::string in_list(const List& words) {
  std::string text = "[";
  for (const auto& word : words) text += (text.size() == 1 ? "" : ", ") + in_quotes(word);
  return text + "]";
}

std::string hex_of(unsigned number, std::size_t digits) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number >>= 4U) text[i] = kHex[number & 0xFU];
  return text;
}

std::string selector_lines(const Selector& selector) {
  switch (selector.kind) {
    case Selector::Kind::attribute:
      return "attribute = " + in_quotes(dicom::to_text(selector.tag)) + "\n";
    case Selector::Kind::path: {
      std::string path;
      for (const dicom::Tag tag : selector.around) path += dicom::to_text(tag) + ".";
      return "path = " + in_quotes(path + dicom::to_text(selector.tag)) + "\n";
    }
    case Selector::Kind::group:
      return "group = " + in_quotes(hex_of(selector.group, 4)) + "\n";
    case Selector::Kind::vr:
      return "vr = " + in_quotes(dicom::to_text(selector.vr)) + "\n";
    case Selector::Kind::block: {
      std::string lines = "creator = " + in_quotes(selector.text) + "\n";
      if (selector.group != 0) lines += "group = " + in_quotes(hex_of(selector.group, 4)) + "\n";
      if (selector.element >= 0) {
        lines +=
            "element = " + in_quotes(hex_of(static_cast<unsigned>(selector.element), 2)) + "\n";
      }
      return lines;
    }
    case Selector::Kind::code:
      return "code = " + in_quotes(selector.text) + "\n";
  }
  return {};
}

}  // namespace

std::string canonical_text(const Profile& profile) {
  std::string text = "name = " + in_quotes(profile.name.value) + "\n";
  text += "description = " + in_quotes(profile.description) + "\n";
  text += std::string("deidentifies = ") + (profile.deidentifies ? "true" : "false") + "\n";
  text += "bases = " + in_list(profile.bases) + "\n";
  std::vector<std::string_view> options;
  for (const Option option : all_options()) {
    if (profile.options.has(option)) options.push_back(to_string(option));
  }
  text += "options = " + in_list(options) + "\n";
  text += "allow = " + in_list(profile.allowed) + "\n";
  for (const Rule& rule : profile.rules.all()) {
    text += "\n[[rule]]\n" + selector_lines(rule.selector);
    text += "action = " + in_quotes(to_string(rule.action)) + "\n";
    if (rule.action == Action::replace) text += "value = " + in_quotes(rule.value) + "\n";
    text += "name = " + in_quotes(rule.name) + "\n";
  }
  return text;
}

ProfileVersion version_of(std::string_view text) {
  Encoder encoder;
  encoder.text(text).digest(standard_tables_digest()).digest(iod_tables_digest());
  encoder.digest(safe_private_digest());
  encoder.digest(crypto::sha256(as_bytes(vocabulary_text())));
  encoder.text(standard_edition()).text(engine_version());
  return {to_hex(crypto::sha256(encoder.out()))};
}

}  // namespace veilroute::profiles
