#include "core/dicom/codestream_segments.h"

#include <algorithm>
#include <array>

namespace veilroute::dicom {
namespace {

constexpr std::uint8_t kTilePart = 0x90;
constexpr std::uint8_t kApplication0 = 0xE0, kApplication8 = 0xE8, kApplication14 = 0xEE;
constexpr std::string_view kJfif("JFIF\0", 5), kAdobe("Adobe", 5);
constexpr std::size_t kJfifBytes = 14, kAdobeBytes = 12;

bool contains(ByteView list, std::uint8_t marker) {
  return std::find(list.begin(), list.end(), marker) != list.end();
}

struct EncoderComment {
  std::string_view begin;
  std::size_t longest;       ///< of what follows
  std::string_view letters;  ///< besides digits, that may follow
};
constexpr std::array<EncoderComment, 10> kEncoderComments{{
    {"Kakadu-", 12, "v."},
    {"Kdu-Layer-Info: log_2{Delta-D(MSE)/[2^16*Delta-L(bytes)]}, L(bytes)", 900, " \n+-.,e"},
    {"Creator: JasPer Version ", 12, "."},
    {"Created by OpenJPEG version ", 12, "."},
    {"Created by GDCM/OpenJPEG version ", 12, "."},
    {"Created by Grok", 20, " version."},
    {"OpenJPH Ver ", 12, "."},
    {"LEAD Technologies Inc. V", 12, "."},
    {"Created with GIMP", 0, ""},
    {"CREATOR: gd-jpeg v", 12, "."},
}};

}  // namespace

bool is_technical_jpeg(std::uint8_t marker) {
  static constexpr std::array<std::uint8_t, 7> kTables{0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xF7, 0xF8};
  const bool frame_or_table = marker >= 0xC0 && marker <= 0xCF && marker != 0xC8;
  return frame_or_table || contains(kTables, marker);
}
bool is_technical_jpeg_2000(std::uint8_t marker) {
  static constexpr std::array<std::uint8_t, 16> kSegments{0x50, 0x51, 0x52, 0x53,     0x55, 0x57,
                                                          0x58, 0x59, 0x5C, 0x5D,     0x5E, 0x5F,
                                                          0x60, 0x61, 0x63, kTilePart};
  return contains(kSegments, marker);
}

bool is_technical_application(std::uint8_t marker, std::string_view text) {
  constexpr std::string_view kSpiff("SPIFF\0", 6), kSpiffEnd("\0\0\0\1", 4), kHp("mrfx");
  if (marker == kApplication0) {
    return text.size() == kJfifBytes && text.starts_with(kJfif) && text[12] == 0 && text[13] == 0;
  }
  if (marker == kApplication14) return text.size() == kAdobeBytes && text.starts_with(kAdobe);
  if (marker != kApplication8) return false;
  const bool header = text.size() == 30 && text.starts_with(kSpiff);
  const bool transform = text.size() == 5 && text.starts_with(kHp) && text[4] >= 0 && text[4] <= 3;
  return header || transform || (text.size() <= 6 && text.starts_with(kSpiffEnd));
}

NeededApplication needed_of_application(std::uint8_t marker, std::string_view text) {
  constexpr std::string_view kNoThumbnail("\0\0", 2);
  if (marker == kApplication0 && text.size() >= kJfifBytes && text.starts_with(kJfif)) {
    return {kJfifBytes, kNoThumbnail};
  }
  if (marker == kApplication14 && text.size() >= kAdobeBytes && text.starts_with(kAdobe)) {
    return {kAdobeBytes, {}};
  }
  return {};
}

bool is_encoder_comment(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.remove_suffix(1);
  return std::any_of(
      kEncoderComments.begin(), kEncoderComments.end(), [text](const EncoderComment& known) {
        if (!text.starts_with(known.begin)) return false;
        const std::string_view rest = text.substr(known.begin.size());
        return rest.size() <= known.longest && std::all_of(rest.begin(), rest.end(), [&](char c) {
                 return (c >= '0' && c <= '9') || known.letters.find(c) != known.letters.npos;
               });
      });
}

}  // namespace veilroute::dicom
