class Wtptui < Formula
  desc "Wtp:// sites out of BitTorrent swarms, in your browser and in a dashboard"
  homepage "{{.Homepage}}"
  version "{{.Version}}"
  license "MIT"

  on_macos do
    on_arm do
      url "{{.Archive "darwin" "arm64"}}"
      sha256 "{{.Sum "darwin" "arm64"}}"
    end
    on_intel do
      url "{{.Archive "darwin" "amd64"}}"
      sha256 "{{.Sum "darwin" "amd64"}}"
    end
  end

  on_linux do
    on_arm do
      url "{{.Archive "linux" "arm64"}}"
      sha256 "{{.Sum "linux" "arm64"}}"
    end
    on_intel do
      url "{{.Archive "linux" "amd64"}}"
      sha256 "{{.Sum "linux" "amd64"}}"
    end
  end

  def install
    bin.install "wtptui"
    man1.install Dir["man/*.1"]
    man5.install Dir["man/*.5"]
    bash_completion.install "completions/wtptui.bash" => "wtptui"
    zsh_completion.install "completions/_wtptui"
    fish_completion.install "completions/wtptui.fish"
    doc.install "README.md"
  end

  service do
    run [opt_bin/"wtptui", "serve"]
    keep_alive crashed: true
    log_path var/"log/wtptui.log"
    error_log_path var/"log/wtptui.log"
  end

  test do
    assert_match "wtptui #{version}\n", shell_output("#{bin}/wtptui version")
  end
end
