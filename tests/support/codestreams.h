// Compressed frames made by hand, segment by segment: the smallest that are walked, and what may be
// planted in them. No decoder makes a picture of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/dicom/picture_shape.h"

namespace veilroute::test {

using namespace std::string_literals;

inline constexpr const char* kBaseline = "1.2.840.10008.1.2.4.50";
inline constexpr const char* kJpegLs = "1.2.840.10008.1.2.4.80";
inline constexpr const char* kJpeg2000 = "1.2.840.10008.1.2.4.90";
inline constexpr const char* kHtj2k = "1.2.840.10008.1.2.4.201";
inline constexpr const char* kRle = "1.2.840.10008.1.2.5";

inline std::string segment(unsigned char marker, const std::string& content) {
  const std::size_t length = content.size() + 2;
  return {"\xFF"s + static_cast<char>(marker) + static_cast<char>(length >> 8U) +
          static_cast<char>(length & 0xFFU) + content};
}

inline const std::string kScan = segment(0xDA, "\1\1\0\0\x3F\0"s) + "coded\xFF\0data\xFF\xD0more"s;
inline const std::string kEnd = "\xFF\xD9"s;

inline std::string jpeg(const std::string& segments, const std::string& rest = "") {
  return "\xFF\xD8"s + segments + segment(0xDB, "\0quantisers"s) + segment(0xC0, "\x8frame"s) +
         segment(0xC4, "huffman") + kScan + kEnd + rest;
}

/// `psot` too small or too large: the length that the tile-part states, if not its own.
inline std::string jpeg_2000(const std::string& main, const std::string& tile = "",
                             int psot_off = 0) {
  const std::string data = "packet\xFF\x7Fs"s;
  const std::size_t length = 12 + tile.size() + 2 + data.size();
  const auto psot = static_cast<std::uint32_t>(static_cast<int>(length) + psot_off);
  std::string sot = "\0\0"s;
  for (unsigned shift = 24;; shift -= 8) {
    sot += static_cast<char>((psot >> shift) & 0xFFU);
    if (shift == 0) break;
  }
  return "\xFF\x4F"s + segment(0x51, "size") + segment(0x52, "style") + segment(0x5C, "steps") +
         main + segment(0x90, sot + "\0\1"s) + tile + "\xFF\x93"s + data + kEnd;
}

inline std::string box(const std::string& type, const std::string& content) {
  std::string length(4, '\0');
  for (unsigned i = 0; i < 4; ++i) {
    length[i] = static_cast<char>(((content.size() + 8) >> (24 - 8 * i)) & 0xFFU);
  }
  return length + type + content;
}

/// A JP2 file around a codestream; `more` stands among the boxes of its header.
inline std::string jp2(const std::string& codestream, const std::string& more = "") {
  return box("jP  ", "\r\n\x87\n") + box("ftyp", "jp2 \0\0\0\0jp2 "s) +
         box("jp2h", box("ihdr", std::string(14, '\1')) + more) + box("jp2c", codestream);
}

inline constexpr dicom::PictureShape kShape{2, 2, 4};

/// A frame whose segments lie one behind the other, each as given.
inline std::string rle(const std::vector<std::string>& segments, const std::string& unused = "") {
  std::string header(64, '\0');
  std::string data;
  header[0] = static_cast<char>(segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    header[4 * (i + 1)] = static_cast<char>(64 + data.size());
    data += segments[i];
  }
  header.replace(64 - unused.size(), unused.size(), unused);
  return header + data;
}
/// Eight pixels: a repeated one, then three as they are.
inline const std::string kPlane = "\xFC\x11\2abc"s;

}  // namespace veilroute::test
