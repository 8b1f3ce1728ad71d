// @ts-check
// What of a camera's picture is looked at: a code is held up to the middle, and a small picture is decoded fast.

const SIDE = 720;

/** The centre square. @param {HTMLVideoElement} video */
export function centre(video) {
  const { videoWidth: width, videoHeight: height } = video;
  const side = Math.min(width, height);
  const options = side > SIDE ? /** @type {const} */ ({ resizeWidth: SIDE, resizeHeight: SIDE }) : undefined;
  return createImageBitmap(video, (width - side) / 2, (height - side) / 2, side, side, options);
}
