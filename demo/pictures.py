"""Product pictures, drawn: no file of anybody else is needed."""

import base64
import io

from PIL import Image, ImageDraw

SHAPES = {
    'shirt': [(150, 120), (205, 95), (240, 125), (272, 125), (307, 95), (362, 120),
              (430, 200), (380, 250), (350, 222), (350, 420), (162, 420), (162, 222),
              (132, 250), (82, 200)],
    'trousers': [(165, 90), (347, 90), (372, 430), (285, 430), (256, 190), (227, 430),
                 (140, 430)],
    'hat': [(256, 110), (470, 350), (256, 395), (42, 350)],
    'bag': [(120, 190), (392, 190), (420, 430), (92, 430)],
}


def product_picture(shape, colour):
    """A 512 px PNG of the article on a soft background, base64 as Odoo stores it."""
    image = Image.new('RGB', (512, 512), '#eef1f4')
    draw = ImageDraw.Draw(image)
    draw.ellipse((90, 405, 422, 465), fill='#dde2e7')
    outline = '#6f7782'
    if shape == 'bag':
        draw.arc((190, 90, 322, 300), 180, 360, fill=outline, width=16)
    draw.polygon(SHAPES[shape], fill=colour, outline=outline, width=5)
    if shape == 'hat':
        for x in range(80, 470, 45):
            draw.line((256, 110, x, 372), fill='#b89c62', width=2)
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    return base64.b64encode(buffer.getvalue()).decode()


def logo():
    """The shop's sign: a shirt and two letters, 360 x 120 px."""
    image = Image.new('RGBA', (360, 120), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.polygon([(x / 4 - 8, y / 4 - 4) for x, y in SHAPES['shirt']], fill='#714b67')
    for number, colour in enumerate(('#714b67', '#e0a458', '#33527a')):
        draw.rounded_rectangle(
            (132, 30 + 24 * number, 330 - 50 * number, 42 + 24 * number), 6, colour)
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    return base64.b64encode(buffer.getvalue()).decode()
