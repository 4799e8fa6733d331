// The pictures of the task `draw`.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace echosocket::cli {

enum class shape { square, circle, triangle };

inline constexpr std::string_view shape_names = "square, circle, triangle";

/// Finds a shape by name, ignoring case and surrounding spaces.
[[nodiscard]] std::optional<shape> find_shape(std::string_view name);

/// The position and appearance of a shape on a canvas of 400 x 300 pixels.
struct placement {
    int x = 200;  ///< Of the centre.
    int y = 150;
    int size = 50;  ///< From the centre to the outline.
    int hue = 0;    ///< Degrees on the colour wheel.
};

/// A random position at which the shape lies wholly on the canvas.
[[nodiscard]] placement random_placement(std::mt19937& randomness);

[[nodiscard]] std::string draw_svg(shape what, const placement& where);

}  // namespace echosocket::cli
