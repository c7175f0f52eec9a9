// What the IODs of PS3.3 Annex A ask of each kind of phantom.
#include <algorithm>
#include <array>
#include <cstdio>

#include "core/dicom/phantom_parts.h"

namespace veilroute::dicom::phantom {
namespace {

/// DX Image Storage - For Presentation (A.26).
constexpr std::array kDx = {
    Constant{{0x0008, 0x0008}, "ORIGINAL\\PRIMARY"},
    Constant{{0x0008, 0x0060}, "DX"},
    Constant{{0x0008, 0x0068}, "FOR PRESENTATION"},
    Constant{{0x0008, 0x1030}, "Hand, two views"},
    Constant{{0x0008, 0x103E}, "Hand AP"},
    Constant{{0x0018, 0x0015}, "HAND"},
    Constant{{0x0018, 0x0060}, "55"},
    Constant{{0x0018, 0x1030}, "HAND AP"},
    Constant{{0x0018, 0x1164}, "0.2\\0.2"},
    Constant{{0x0018, 0x1508}, "NONE"},
    Constant{{0x0018, 0x5101}, "AP"},
    Constant{{0x0018, 0x7004}, "DIRECT"},
    Constant{{0x0018, 0x7005}, "AREA"},
    Constant{{0x0018, 0x700A}, "PHANTOM-DET-1"},
    Constant{{0x0020, 0x0020}, "R\\H"},
    Constant{{0x0020, 0x0062}, "R"},
    Constant{{0x0028, 0x0301}, "NO"},
    Constant{{0x0028, 0x1040}, "LOG"},
    Constant{{0x0028, 0x1050}, "2048"},
    Constant{{0x0028, 0x1051}, "4096"},
    Constant{{0x0028, 0x1052}, "0"},
    Constant{{0x0028, 0x1053}, "1"},
    Constant{{0x0028, 0x1054}, "US"},
    Constant{{0x0028, 0x2110}, "00"},
    Constant{{0x2050, 0x0020}, "IDENTITY"},
};

/// CR Image Storage (A.2).
constexpr std::array kCr = {
    Constant{{0x0008, 0x0008}, "ORIGINAL\\PRIMARY"},
    Constant{{0x0008, 0x0060}, "CR"},
    Constant{{0x0008, 0x1030}, "Wrist, two views"},
    Constant{{0x0008, 0x103E}, "Wrist PA"},
    Constant{{0x0018, 0x0015}, "WRIST"},
    Constant{{0x0018, 0x0060}, "52"},
    Constant{{0x0018, 0x1004}, "PHANTOM-PLATE-1"},
    Constant{{0x0018, 0x1030}, "WRIST PA"},
    Constant{{0x0018, 0x1164}, "0.2\\0.2"},
    Constant{{0x0018, 0x5101}, "PA"},
    Constant{{0x0020, 0x0020}, "R\\H"},
    Constant{{0x0028, 0x0301}, "NO"},
    Constant{{0x0028, 0x1050}, "2048"},
    Constant{{0x0028, 0x1051}, "4096"},
    Constant{{0x0028, 0x2110}, "00"},
};

/// CT Image Storage (A.3). Position and orientation depend on the instance.
constexpr std::array kCt = {
    Constant{{0x0008, 0x0008}, "ORIGINAL\\PRIMARY\\AXIAL"},
    Constant{{0x0008, 0x0060}, "CT"},
    Constant{{0x0008, 0x1030}, "Abdomen"},
    Constant{{0x0008, 0x103E}, "Abdomen axial 5 mm"},
    Constant{{0x0018, 0x0015}, "ABDOMEN"},
    Constant{{0x0018, 0x0050}, "5"},
    Constant{{0x0018, 0x0060}, "120"},
    Constant{{0x0018, 0x1030}, "ABDOMEN ROUTINE"},
    Constant{{0x0018, 0x5100}, "HFS"},
    Constant{{0x0020, 0x0037}, "1\\0\\0\\0\\1\\0"},
    Constant{{0x0020, 0x1040}, ""},
    Constant{{0x0028, 0x0030}, "0.7\\0.7"},
    Constant{{0x0028, 0x1050}, "40"},
    Constant{{0x0028, 0x1051}, "400"},
    Constant{{0x0028, 0x1052}, "-1024"},
    Constant{{0x0028, 0x1053}, "1"},
    Constant{{0x0028, 0x1054}, "HU"},
};

/// US Image Storage (A.6).
constexpr std::array kUs = {
    Constant{{0x0008, 0x0008}, "ORIGINAL\\PRIMARY"},
    Constant{{0x0008, 0x0060}, "US"},
    Constant{{0x0008, 0x1030}, "Abdomen"},
    Constant{{0x0008, 0x103E}, "Liver"},
    Constant{{0x0018, 0x1030}, "LIVER"},
    Constant{{0x0020, 0x0020}, ""},
    Constant{{0x0028, 0x0301}, "NO"},
    Constant{{0x0028, 0x2110}, "00"},
};

struct Kind {
  std::string_view sop_class;
  std::span<const Constant> constants;
  unsigned rows;
  unsigned columns;
  std::uint16_t bits_allocated;
  std::uint16_t bits_stored;
};

Kind kind_of(PhantomKind kind) {
  switch (kind) {
    case PhantomKind::dx:
      return {"1.2.840.10008.5.1.4.1.1.1.1", kDx, 1024, 1024, 16, 12};
    case PhantomKind::cr:
      return {"1.2.840.10008.5.1.4.1.1.1", kCr, 1024, 1024, 16, 12};
    case PhantomKind::ct:
      return {"1.2.840.10008.5.1.4.1.1.2", kCt, 512, 512, 16, 12};
    case PhantomKind::us:
      break;
  }
  return {"1.2.840.10008.5.1.4.1.1.6.1", kUs, 480, 640, 8, 8};
}

void add_image_pixel(Draft& draft, const Kind& kind) {
  draft.number({0x0028, 0x0002}, 1);
  draft.text({0x0028, 0x0004}, "MONOCHROME2");
  draft.number({0x0028, 0x0010}, static_cast<std::uint16_t>(draft.rows));
  draft.number({0x0028, 0x0011}, static_cast<std::uint16_t>(draft.columns));
  draft.number({0x0028, 0x0100}, kind.bits_allocated);
  draft.number({0x0028, 0x0101}, kind.bits_stored);
  draft.number({0x0028, 0x0102}, static_cast<std::uint16_t>(kind.bits_stored - 1));
  draft.number({0x0028, 0x0103}, 0);
}

void add_dx(Draft& draft) {
  draft.data.remove(draft.data.root(), {0x0020, 0x0060});  // Image Laterality says it
  draft.number({0x0028, 0x1041}, 1);  // signed 16 bits, of which the sign is all that counts
  draft.code({0x0008, 0x2218}, {"85562004", "SCT", "Hand"});
  draft.code({0x0054, 0x0220}, {"399348003", "SCT", "antero-posterior"});
  draft.data.put_sequence(draft.data.root(), {0x0040, 0x0555});
}

void add_ct(Draft& draft) {
  const int z = -static_cast<int>(draft.options.instance) * 5;
  draft.text({0x0020, 0x0032}, "-179.2\\-179.2\\" + std::to_string(z));
  draft.text({0x0020, 0x1041}, std::to_string(z));
  draft.text({0x0020, 0x0052}, draft.uid("frame of reference"));
  draft.data.remove(draft.data.root(), {0x0020, 0x0060});  // an abdomen has no side
}

}  // namespace

void add_kind_modules(Draft& draft) {
  const Kind kind = kind_of(draft.options.kind);
  draft.sop_class = kind.sop_class;
  draft.rows = draft.options.rows != 0 ? draft.options.rows : kind.rows;
  draft.columns = draft.options.columns != 0 ? draft.options.columns : kind.columns;
  for (const Constant& row : kind.constants) draft.text(row.tag, row.text);
  add_image_pixel(draft, kind);
  switch (draft.options.kind) {
    case PhantomKind::dx:
      return add_dx(draft);
    case PhantomKind::ct:
      return add_ct(draft);
    case PhantomKind::cr:
    case PhantomKind::us:
      return;
  }
}

}  // namespace veilroute::dicom::phantom
