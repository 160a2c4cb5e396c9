package backend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// fetchTries is how often a download that breaks off goes on.
const fetchTries = 4

// fetch downloads a file into a folder and returns its path. It goes on from the part that an interrupted call left,
// and tells show the bytes that are there. A file whose hash is wrong is fetched anew once, if a part of it was there
// before.
func fetch(ctx context.Context, client *http.Client, d Download, folder string, show func(bytes int64)) (
	path string, err error) {
	path = filepath.Join(folder, d.Name)
	if sum, err := hashOf(path); err == nil && sum == d.SHA256 {
		show(d.Bytes)
		return path, nil
	}
	part := path + ".part"
	info, _ := os.Stat(part)
	continued := info != nil && info.Size() > 0
	if err := fetchPart(ctx, client, d, part, show); err != nil {
		return "", err
	}
	sum, err := hashOf(part)
	if err != nil {
		return "", err
	}
	if sum == d.SHA256 {
		return path, os.Rename(part, path)
	}
	if err := os.Remove(part); err != nil {
		return "", err
	}
	if continued {
		return fetch(ctx, client, d, folder, show)
	}
	return "", fmt.Errorf("%s: SHA-256 %s, but the index names %s: the file was thrown away", d.Name, sum, d.SHA256)
}

// fetchPart fetches until the file has all its bytes.
func fetchPart(ctx context.Context, client *http.Client, d Download, part string, show func(bytes int64)) (err error) {
	for try := range fetchTries {
		if try > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(try) * retryPause):
			}
		}
		var refused refusal
		if err = appendPart(ctx, client, d, part, show); err == nil || errors.As(err, &refused) {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	var refused refusal
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%s: %w", d.Name, err)
	case err != nil:
		return fmt.Errorf("%s: %w (the same command goes on from here)", d.Name, err)
	}
	return nil
}

// retryPause grows with each try. Tests shorten it.
var retryPause = time.Second

// refusal is an answer that will not be another the next time.
type refusal struct{ error }

// appendPart asks for what the file lacks and appends it.
func appendPart(ctx context.Context, client *http.Client, d Download, part string, show func(bytes int64)) error {
	file, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return refusal{err}
	}
	defer file.Close()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil || have == d.Bytes {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL, nil)
	if err != nil {
		return refusal{err}
	}
	if have > 0 && have < d.Bytes {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK: // from the start, whatever was asked for
		have = 0
		if err := errors.Join(file.Truncate(0), rewind(file)); err != nil {
			return refusal{err}
		}
	default:
		_ = os.Remove(part) // in case it is longer than the file
		return refusal{fmt.Errorf("%s: %s", d.URL, response.Status)}
	}
	written, err := io.Copy(io.MultiWriter(file, progressOf(have, show)), io.LimitReader(response.Body, d.Bytes-have+1))
	switch have += written; {
	case err != nil:
		return err
	case have < d.Bytes:
		return io.ErrUnexpectedEOF
	case have > d.Bytes:
		_ = os.Remove(part)
		return refusal{fmt.Errorf("%s: more than the %d bytes that the index names", d.URL, d.Bytes)}
	}
	return file.Close()
}

func rewind(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return err
}

// progressOf returns a writer that shows how many bytes have been written, those before included.
func progressOf(before int64, show func(int64)) io.Writer { return &counter{before, show} }

type counter struct {
	bytes int64
	show  func(int64)
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	c.show(c.bytes)
	return len(p), nil
}

// hashOf returns the SHA-256 of a file.
func hashOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
