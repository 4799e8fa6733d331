// Reads lines from a person or a program while everything else keeps running.
#pragma once

#include <functional>
#include <string>

namespace echosocket::cli {

enum class line_event { line, interrupted, end };

/// The result of reading one line.
struct input_line {
    line_event event = line_event::end;
    std::string text{};  ///< Without its line ending.
};

enum class input_wake { readable, interrupted };

/// Returns when standard input is readable or Ctrl-C was pressed.
using input_wait = std::function<input_wake()>;

class line_input {
public:
    virtual ~line_input() = default;

    [[nodiscard]] virtual input_line read(const std::string& prompt) = 0;
    /// Shows `text` on a line of its own, even while a line is being typed.
    virtual void announce(const std::string& text) = 0;
};

/// Lines from a pipe or a file: no prompt, no editing.
class piped_lines final : public line_input {
public:
    explicit piped_lines(input_wait wait) : wait_(std::move(wait)) {}

    [[nodiscard]] input_line read(const std::string& prompt) override;
    void announce(const std::string& text) override;

private:
    input_wait wait_;
    std::string buffer_;
    bool ended_ = false;
};

}  // namespace echosocket::cli
