// A small data set with encapsulated Pixel Data around frames made by hand.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/dicom/dataset.h"
#include "tests/support/corpus.h"

namespace veilroute::test {

/// The fragments of one frame.
using FrameParts = std::vector<std::string>;

inline void append_item(std::string& out, std::uint16_t element, const std::string& content) {
  std::string padded = content;
  if (padded.size() % 2 != 0) padded += '\0';
  out += "\xFE\xFF";
  out += static_cast<char>(element & 0xFFU);
  out += static_cast<char>(element >> 8U);
  for (unsigned i = 0; i < 4; ++i) {
    out += static_cast<char>((padded.size() >> (8 * i)) & 0xFFU);
  }
  out += padded;
}

/// What stands in Pixel Data: the offset table, filled or empty, the frames, fragments behind them,
/// the delimitation item.
inline std::string fragments_of(const std::vector<FrameParts>& frames, bool table,
                                const FrameParts& behind = {}) {
  std::string starts;
  std::string items;
  for (const FrameParts& frame : frames) {
    for (unsigned i = 0; i < 4; ++i) {
      starts += static_cast<char>((items.size() >> (8 * i)) & 0xFFU);
    }
    for (const std::string& part : frame) append_item(items, 0xE000, part);
  }
  for (const std::string& part : behind) append_item(items, 0xE000, part);
  std::string all;
  append_item(all, 0xE000, table ? starts : "");
  all += items;
  append_item(all, 0xE0DD, "");
  return all;
}

/// A data set of Number of Frames, Rows, Columns and these fragments, explicit VR little endian.
inline Bytes encapsulated(const std::string& fragments, std::uint64_t frames,
                          std::uint16_t rows = 2, std::uint16_t columns = 4) {
  dicom::Dataset head(dicom::TransferSyntax{});
  const auto put_u16 = [&head](dicom::Tag tag, std::uint16_t number) {
    head.put_u16(head.root(), tag, dicom::vr::US, number);
  };
  head.put_text(dicom::tags::NumberOfFrames, dicom::vr::IS, std::to_string(frames));
  put_u16(dicom::tags::Rows, rows);
  put_u16(dicom::tags::Columns, columns);
  Bytes bytes = dicom::write_dataset(head).value().own;
  const std::string pixels = std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12) + fragments;
  bytes.insert(bytes.end(), pixels.begin(), pixels.end());
  return bytes;
}

}  // namespace veilroute::test
