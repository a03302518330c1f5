/** Three rising bars, 32 by 32 pixels, shown at half the size. */
export const TRAY_ICON =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAAAOUlEQVR42u3OwQkAIAwEwdRpiTYZG/AlGgjOwn2PiZAeNWbmbgAAAGXnAAAAx4Bb5wAAAAB9AfquBZW7mJJOxYWuAAAAAElFTkSuQmCC';
