// The command's output: results go to standard output, everything else to standard error. All of it goes through here,
// and nothing that a peer wrote reaches a terminal as it came.
#pragma once

#include <string>
#include <string_view>

namespace echosocket::cli {

/// Writes text to standard output, made safe by `printable`, and flushes. Returns false if that fails.
///
/// Line breaks stay: in a line of this program's own, a text of a peer is put by `one_line`, so that it fakes no line.
[[nodiscard]] bool print(std::string_view text);

/// Writes a body that a peer sent, in pieces of any size: exactly its bytes, but to a terminal as `printable` does.
class body_printer {
public:
    body_printer();

    /// Flushes. Returns false if that fails.
    [[nodiscard]] bool write(std::string_view bytes);
    /// Writes what is left of a character that was never completed.
    [[nodiscard]] bool finish();

private:
    bool to_terminal_;
    std::string unfinished_;  // a character that is cut between two pieces
};

/// Writes `echosocket: ` and one sentence, on one line, to standard error. `hint`, a text of this program's own,
/// follows on a line of its own.
void complain(std::string_view sentence, std::string_view hint = {});

}  // namespace echosocket::cli
