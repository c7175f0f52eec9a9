// Pictures that look like radiographs from afar: a gradient, soft ellipses, bones, grain.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/dicom/phantom_parts.h"

namespace veilroute::dicom::phantom {
namespace {

/// An ellipse in units of the picture's size: where, how large, how turned, how bright.
struct Ellipse {
  double x, y, width, height, turned, light;
};

constexpr std::array kHand = {
    Ellipse{0.50, 0.68, 0.24, 0.26, 0.0, 0.26},  Ellipse{0.36, 0.34, 0.05, 0.26, -0.2, 0.24},
    Ellipse{0.46, 0.29, 0.05, 0.28, -0.05, 0.24}, Ellipse{0.56, 0.31, 0.05, 0.27, 0.07, 0.24},
    Ellipse{0.65, 0.38, 0.04, 0.22, 0.22, 0.24}, Ellipse{0.24, 0.58, 0.05, 0.19, -0.8, 0.24},
    Ellipse{0.36, 0.30, 0.018, 0.14, -0.2, 0.30}, Ellipse{0.46, 0.25, 0.018, 0.15, -0.05, 0.30},
    Ellipse{0.56, 0.27, 0.018, 0.15, 0.07, 0.30}, Ellipse{0.65, 0.34, 0.016, 0.12, 0.22, 0.30},
    Ellipse{0.40, 0.60, 0.022, 0.13, -0.15, 0.30}, Ellipse{0.48, 0.58, 0.022, 0.13, -0.03, 0.30},
    Ellipse{0.56, 0.59, 0.022, 0.13, 0.06, 0.30}, Ellipse{0.45, 0.90, 0.05, 0.12, 0.0, 0.32},
    Ellipse{0.57, 0.90, 0.04, 0.12, 0.0, 0.32},
};

constexpr std::array kBody = {
    Ellipse{0.50, 0.50, 0.42, 0.32, 0.0, 0.26},  Ellipse{0.35, 0.45, 0.18, 0.16, 0.3, 0.03},
    Ellipse{0.66, 0.46, 0.10, 0.13, 0.0, 0.02},  Ellipse{0.50, 0.70, 0.06, 0.05, 0.0, 0.25},
    Ellipse{0.50, 0.60, 0.03, 0.03, 0.0, 0.04},  Ellipse{0.40, 0.64, 0.05, 0.06, 0.2, 0.03},
    Ellipse{0.61, 0.64, 0.05, 0.06, -0.2, 0.03},
};

constexpr std::array kLiver = {
    Ellipse{0.50, 0.55, 0.36, 0.38, 0.0, 0.30},  Ellipse{0.42, 0.50, 0.09, 0.05, 0.5, -0.22},
    Ellipse{0.60, 0.62, 0.06, 0.08, -0.4, -0.20}, Ellipse{0.48, 0.86, 0.30, 0.03, 0.0, 0.30},
};

std::span<const Ellipse> ellipses_of(PhantomKind kind) {
  if (kind == PhantomKind::ct) return kBody;
  if (kind == PhantomKind::us) return kLiver;
  return kHand;
}

/// An ellipse with its sine and cosine taken once.
struct Shape {
  Ellipse ellipse;
  double cosine;
  double sine;
};

std::vector<Shape> shapes_of(PhantomKind kind) {
  std::vector<Shape> shapes;
  for (const Ellipse& ellipse : ellipses_of(kind)) {
    shapes.push_back({ellipse, std::cos(ellipse.turned), std::sin(ellipse.turned)});
  }
  return shapes;
}

/// 1 inside, 0 outside, and a soft edge.
double covered(const Shape& shape, double x, double y) {
  const double dx = x - shape.ellipse.x;
  const double dy = y - shape.ellipse.y;
  const double u = (dx * shape.cosine + dy * shape.sine) / shape.ellipse.width;
  const double v = (dy * shape.cosine - dx * shape.sine) / shape.ellipse.height;
  constexpr double kEdge = 0.15;
  return std::clamp((1.0 - (u * u + v * v)) / kEdge, 0.0, 1.0);
}

/// Grain that is the same for the same phantom.
class Grain {
 public:
  explicit Grain(std::uint32_t state) : state_(state * 2654435761U + 1U) {}
  /// -0.5 to 0.5.
  double next() {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<double>(state_ >> 16U) / 65536.0 - 0.5;
  }

 private:
  std::uint32_t state_;
};

}  // namespace

Bytes draw(const PhantomOptions& options, unsigned rows, unsigned columns) {
  const bool words = options.kind != PhantomKind::us;
  const double brightest = words ? 4095.0 : 255.0;
  const double base = options.kind == PhantomKind::ct ? 0.02 : 0.08;
  const double slope = words ? 0.06 : 0.0;
  const double roughness = words ? 0.01 : 0.12;
  const double shift = 0.01 * static_cast<double>(options.instance % 7);
  Grain grain(options.number * 131U + options.instance);
  const std::vector<Shape> shapes = shapes_of(options.kind);
  Bytes pixels;
  pixels.reserve(std::size_t{rows} * columns * (words ? 2 : 1));
  for (unsigned row = 0; row < rows; ++row) {
    const double y = (row + 0.5) / rows;
    for (unsigned column = 0; column < columns; ++column) {
      const double x = (column + 0.5) / columns + shift;
      double light = base + slope * y;
      for (const Shape& shape : shapes) light += shape.ellipse.light * covered(shape, x, y);
      light += roughness * grain.next();
      const auto value = static_cast<std::uint16_t>(std::clamp(light, 0.0, 1.0) * brightest);
      pixels.push_back(static_cast<std::uint8_t>(value & 0xFFU));
      if (words) pixels.push_back(static_cast<std::uint8_t>(value >> 8U));
    }
  }
  return pixels;
}

}  // namespace veilroute::dicom::phantom
